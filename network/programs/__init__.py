"""The programs: Fabric, fabric-ca and the Go chaincode, built once from pinned sources into the user's cache."""
