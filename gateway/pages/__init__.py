"""The web UI: pages for members, merchants' staff, operators and the public, over the gateway's own API."""
