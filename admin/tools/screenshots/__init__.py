"""Pictures of every page, taken afresh from the demo."""
