package slack

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// manifest is what Slack's manifest schema knows of what we use; another key is
// an error.
type manifest struct {
	Metadata struct {
		Major int `yaml:"major_version"`
		Minor int `yaml:"minor_version"`
	} `yaml:"_metadata"`
	Display struct {
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
		Color       string `yaml:"background_color"`
	} `yaml:"display_information"`
	Features struct {
		Home struct {
			Tab      bool `yaml:"home_tab_enabled"`
			Messages bool `yaml:"messages_tab_enabled"`
			ReadOnly bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		Bot struct {
			Name   string `yaml:"display_name"`
			Online bool   `yaml:"always_online"`
		} `yaml:"bot_user"`
		Shortcuts []struct {
			Name        string `yaml:"name"`
			Type        string `yaml:"type"`
			CallbackID  string `yaml:"callback_id"`
			Description string `yaml:"description"`
		} `yaml:"shortcuts"`
		Commands []struct {
			Command     string `yaml:"command"`
			URL         string `yaml:"url"`
			Description string `yaml:"description"`
			Hint        string `yaml:"usage_hint"`
			Escape      bool   `yaml:"should_escape"`
		} `yaml:"slash_commands"`
	} `yaml:"features"`
	OAuth struct {
		Scopes struct {
			Bot []string `yaml:"bot"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			URL string   `yaml:"request_url"`
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			Enabled bool   `yaml:"is_enabled"`
			URL     string `yaml:"request_url"`
		} `yaml:"interactivity"`
		Org      bool `yaml:"org_deploy_enabled"`
		Socket   bool `yaml:"socket_mode_enabled"`
		Rotation bool `yaml:"token_rotation_enabled"`
	} `yaml:"settings"`
}

// needs are the scopes of the Web API methods, by the library's method names.
var needs = map[string][]string{
	"AuthTestContext": nil, "OpenViewContext": nil, "UpdateViewContext": nil, "PushViewContext": nil, "PublishViewContext": nil, "StartSocketModeContext": nil,
	"PostMessageContext": {"chat:write"}, "UpdateMessageContext": {"chat:write"}, "DeleteMessageContext": {"chat:write"}, "PostEphemeralContext": {"chat:write"},
	"GetUserInfoContext": {"users:read"}, "GetUserGroupMembersContext": {"usergroups:read"},
	"GetConversationInfoContext": {"channels:read", "groups:read"}, "GetUsersInConversationContext": {"channels:read", "groups:read"},
	// FileScope stands in the manifest for those who want it.
	"GetUploadURLExternalContext": nil, "UploadToURL": nil, "CompleteUploadExternalContext": nil, "DeleteFileContext": nil,
	// So does PictureScope.
	"GetFileInfoContext":            nil,
	"GetConversationHistoryContext": {"channels:history", "groups:history"}, "GetConversationRepliesContext": {"channels:history", "groups:history"},
}

func TestManifest(t *testing.T) {
	raw, err := os.ReadFile("manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	within := func(what, s string, most int) {
		if s == "" || units(s) > most {
			t.Errorf("%s %q: 1 to %d", what, s, most)
		}
	}
	within("name", m.Display.Name, 35)
	within("description", m.Display.Description, 140)
	within("bot", m.Features.Bot.Name, 80)
	if len(m.Features.Shortcuts) != 1 || m.Features.Shortcuts[0].CallbackID != shortcutSend || m.Features.Shortcuts[0].Type != "message" {
		t.Errorf("shortcuts are %+v", m.Features.Shortcuts)
	}
	within("shortcut", m.Features.Shortcuts[0].Name, 24)
	within("shortcut's description", m.Features.Shortcuts[0].Description, 150)
	if c := m.Features.Commands; len(c) != 1 || !strings.HasPrefix(c[0].Command, "/") || !strings.HasSuffix(c[0].URL, "/commands") || c[0].Escape {
		t.Errorf("commands are %+v", c)
	}
	if !m.Settings.Interactivity.Enabled || !strings.HasSuffix(m.Settings.Interactivity.URL, "/interactions") || !strings.HasSuffix(m.Settings.Events.URL, "/events") {
		t.Errorf("settings are %+v", m.Settings)
	}
	if !slices.Equal(slices.Sorted(slices.Values(m.Settings.Events.Bot)), []string{"app_home_opened", "message.channels", "message.groups"}) || !m.Features.Home.Tab {
		t.Errorf("events are %v", m.Settings.Events.Bot)
	}

	wanted := map[string]bool{"commands": true} // of the slash command and the shortcut
	for method := range called(t) {
		scopes, known := needs[method]
		if !known {
			t.Errorf("nobody said which scopes %s needs", method)
		}
		for _, s := range scopes {
			wanted[s] = true
		}
	}
	for _, list := range [][]string{m.OAuth.Scopes.Bot, Scopes} {
		given := map[string]bool{}
		for _, s := range list {
			given[s] = true
			if !wanted[s] {
				t.Errorf("%s is asked for and not needed", s)
			}
		}
		for s := range wanted {
			if !given[s] {
				t.Errorf("%s is needed and not asked for", s)
			}
		}
	}
	for _, scope := range []string{FileScope, PictureScope} {
		if !regexp.MustCompile(`# .+\n\s+# - ` + scope + `\n`).Match(raw) {
			t.Errorf("%s is not there to be turned on", scope)
		}
	}
	// Every scope says why.
	for _, s := range m.OAuth.Scopes.Bot {
		if !regexp.MustCompile(`# .+\n\s+- ` + s).Match(raw) {
			t.Errorf("%s says no reason", s)
		}
	}
}

// called are the library's methods that our code calls.
func called(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`d\.api\.(\w+)\(`).FindAllSubmatch(raw, -1) {
			out[string(m[1])] = true
		}
	}
	if len(out) < 10 {
		t.Fatalf("only %d calls were found", len(out))
	}
	return out
}
