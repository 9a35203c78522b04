"""What every page shares: routes, the visit, language, assets, tables, and the parts that templates are made of."""
