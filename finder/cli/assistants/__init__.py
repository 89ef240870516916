"""`finder mcp`: the directory for assistants that speak the Model Context Protocol. It reads, and changes nothing."""
