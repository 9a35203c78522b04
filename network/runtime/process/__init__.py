"""Services as native processes of this machine."""
