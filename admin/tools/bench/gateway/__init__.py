"""The HTTP side under load: many clients on one gateway, a bulk request, and a lone redemption beside the bare Gateway
service."""
