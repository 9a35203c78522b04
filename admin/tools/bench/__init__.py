"""What `jifen bench` measures, one file for each bench; `document` is the form of every answer."""
