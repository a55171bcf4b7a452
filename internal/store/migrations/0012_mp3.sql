-- The mp3 that was made of a recording which is kept otherwise; '' = none.
ALTER TABLE phone_recording ADD COLUMN mp3_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE phone_recording ADD COLUMN mp3_blob TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX phone_recording_mp3 ON phone_recording (mp3_blob) WHERE mp3_blob <> '';
