"""The gateway over HTTP: thin views, one file a subject; what they do is done by the services of the other rooms, which
know no Flask."""
