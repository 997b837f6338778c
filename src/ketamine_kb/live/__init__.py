"""Live writing: after each save only the pages that show the change are built again, in one process, and problems stand in the browser."""
