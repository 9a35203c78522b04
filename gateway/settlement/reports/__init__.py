"""Reports: pure functions from what the projection holds to figures that anybody can compute again.

All figures are integers: points in a class's smallest units, money in millionths of the settlement currency or in its
smallest coins (`_minor`), shares in hundredths of a percent (`_basis_points`), rounded once, half to even.
"""
