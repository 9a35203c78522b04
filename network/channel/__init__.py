"""The channel's configuration as it stands, changes to it, and the signatures that bring a change about.

Everything here works on the messages of Fabric's own protocol; nothing here asks a node. What is compared, signed and
counted are bytes, so JSON between them, as configtxlator writes it to be edited by hand, would be one more form to trust.
Only the difference between two configurations is left to configtxlator, whose algorithm ordering nodes check against.
"""
