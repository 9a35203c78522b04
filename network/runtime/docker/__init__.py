"""Services as containers of an engine on this machine."""
