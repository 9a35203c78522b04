"""What runs an organisation's services without Jifen: a compose project, Kubernetes objects, and what watches them."""
