package audit

import (
	"slices"
	"strings"

	"propusk/internal/console/page"
)

// verbs lists what entries tell of, as the audit writes it; each has its words.
func verbs() []string {
	return strings.Fields(`
		access access_key.create account.change account.create
		account.default account.delete account.disable account.enable
		application.change application.create application.delete application_secret.generate
		area.change area.create area.delete authorization_token.generate
		calls.add catalog.add catalog.begin catalog.replace
		catalog.reset code.issue consent.give consent.refuse
		consent.withdraw credential.end credential.import credential.revoke
		deployment.setup doc.change doc.create doc.remove
		event.create event.delete extension.change extension.create
		extension.delete factor.add factor.check factor.recovery_codes
		factor.remove factor.rename factor.reset grant.evict
		grant.revoke grant.revoke_account grant.revoke_all host.bind
		host.unbind integration.create recording.delete retention.purge
		role.change role.complete role.create role.delete
		service_token.generate service_user.change service_user.create service_user.delete
		session.begin session.end session.prove session.use
		settings.change signing_key.rotate task.change task.comment
		task.create task.import task.move task.remove
		token.authenticate token.expire token.introspect token.issue
		token.refresh token.revoke user.change user.create
		user.delete user.password`)
}

// choosableVerbs are the verbs in the user's words, in their order, and the one
// that the address asks for where it is another.
func choosableVerbs(v *page.View) []page.Option {
	out := []page.Option{{Value: "", Label: v.Name("audit", "any-verb")}}
	for _, verb := range verbs() {
		out = append(out, page.Option{Value: verb, Label: v.Name("verb", verb)})
	}
	slices.SortFunc(out[1:], func(a, b page.Option) int { return strings.Compare(a.Label, b.Label) })
	if asked := v.Form.Value("verb"); asked != "" && !slices.Contains(verbs(), asked) {
		out = append(out, page.Option{Value: asked, Label: asked})
	}
	return out
}
