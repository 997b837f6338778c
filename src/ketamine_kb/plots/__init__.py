"""Pictures of numbers as SVG: forest plot, concentration-time curves, time course, event frequencies, icon array."""
