package admin

// What the tests of the pure rules reach for.
var (
	Line        = line
	Login       = login
	Contract    = contract
	CheckSecret = personPassword
	HostName    = hostName
	Traits      = traits
	Returns     = returns
)

// Patch applies p.
var Patch = SettingsPatch.apply
