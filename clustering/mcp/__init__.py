"""An assistant's way to published clusters: a server of the Model Context Protocol."""
