package server

import (
	"io"
	"log/slog"
)

// logger makes the log that the configuration asks for. level can be moved
// later.
func (l Log) logger(w io.Writer, level *slog.LevelVar) *slog.Logger {
	level.Set(l.level())
	options := &slog.HandlerOptions{Level: level}
	if l.Format == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func (l Log) level() slog.Level {
	level := slog.LevelInfo
	_ = level.UnmarshalText([]byte(l.Level)) // checked when the configuration was read
	return level
}
