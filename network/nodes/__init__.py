"""What is asked of running nodes: peers, ordering nodes, certificate authorities."""
