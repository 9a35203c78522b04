"""The steps of an org's life in the consortium. Each is taken *for one org*, with that org's folder and the files that others
have sent it; each looks before it acts, so that it is safe to repeat and goes on where it was broken off."""
