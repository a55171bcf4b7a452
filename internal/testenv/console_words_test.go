package testenv_test

import (
	"os"
	"testing"

	"go.yaml.in/yaml/v3"

	"propusk/internal/authority"
	"propusk/internal/signin"
	"propusk/internal/testenv"
)

// Lists of tokens say by which way each was got in words of both languages,
// whatever the way in.
func TestConsoleNamesWaysIn(t *testing.T) {
	text, err := os.ReadFile("../console/page/messages.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]yaml.Node
	if err := yaml.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	doors := []string{signin.MethodPassword, signin.MethodPasskey, signin.MethodSecond, signin.MethodTOTP, signin.MethodRecovery, signin.MethodProvider}
	env := testenv.Start(t, testenv.Options{})
	for _, stand := range authority.Stands() {
		for _, rt := range env.Server.Routes(stand) {
			doors = append(doors, rt.Door)
		}
	}
	for _, door := range doors {
		node, said := words["door."+door], map[string]string{}
		if err := node.Decode(&said); door != "" && (err != nil || said["en"] == "" || said["ru"] == "") {
			t.Errorf("door.%s has no words: %v %v", door, said, err)
		}
	}
}
