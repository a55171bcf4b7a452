-- What is purged begins at its front; before this it was looked through twice.
UPDATE catalog_version SET taken = '' WHERE state = 'dead';
