"""A published run as one HTML file, to mail and to keep."""
