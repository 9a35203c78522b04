package rules

// Operations is every operation by its name.
var Operations = func() map[string]*Operation {
	found := map[string]*Operation{}
	for _, operation := range []*Operation{
		&openConsortium, &registerMerchant, &joinConsortium, &setMerchantStatus, &setLimits, &refillLimit,
		&defineClass, &updateClass, &setRate,
		&enrollMember, &setMemberStatus, &moveHome,
		&issue, &accrue, &reverseIssue, &transfer, &approve, &transferFrom, &mergeAccounts, &redeem, &refund, &exchange,
		&hold, &capture, &release, &expire,
		&importBalances, &withdrawToWallet, &depositFromWallet,
		&cutWindow, &closeWindow, &acceptStatement, &recordPayment, &confirmPayment,
		&sweep,
	} {
		found[operation.Name] = operation
	}
	return found
}()
