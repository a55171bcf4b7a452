package authority

import "context"

// Outlast gives what lets c in anew, into his own account, for work that goes on
// without the token that it was begun with: as long as he himself is let in, and
// neither his, his account's nor his secret's tokens are revoked after the call.
// What ends that one token, such as a sign-out or its lifetime, ends nothing here.
func (a *Authority) Outlast(c Caller) func(ctx context.Context) (Caller, error) {
	home := c.Home()
	o := home.Origin()
	ids := TokenIDs{
		Stand: o.Stand, Credential: home.cred, Principal: home.Principal().ID, Through: home.through,
		Account: home.Account().ID, Epoch: a.epochs[o.Stand], Position: a.feed.Position(),
	}
	return func(ctx context.Context) (Caller, error) {
		again := home
		reason := a.feed.refusal(ids)
		if reason == "" {
			var err error
			if again.state, reason, err = a.living(ctx, ids); err != nil {
				return Caller{}, err
			}
		}
		if reason != "" {
			who := Standing{Account: Account{ID: ids.Account}, Principal: Principal{ID: ids.Principal}}
			return Caller{}, a.refuse(o, VerbAuthenticate, badToken(), refusal{reason: reason, grant: home.grant, standing: who})
		}
		return again, nil
	}
}
