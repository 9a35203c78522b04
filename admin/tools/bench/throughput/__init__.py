"""`jifen bench throughput`: single operations from many callers through the scheduler, beside the official Node
client."""
