-- What the holder of an account sees of its sessions, and when its password was last given in
-- each: what changes who may do what asks for it again.
--
-- The address and the browser are those of the sign-in.

alter table session
    add column confirmed timestamptz, -- when the password was last given
    add column browser text,
    add column address text;
