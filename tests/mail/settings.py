"""The settings files of a private Dovecot and Exim: loopback only, all in one folder, nothing run as root."""

from dataclasses import dataclass
from pathlib import Path

AUTHSERV = "mx.example.test"
"""Who signs `Authentication-Results` (RFC 8601)."""
MOST_BYTES = 40 * 2**20


@dataclass(frozen=True, slots=True)
class Place:
    """Where one pair of servers lives, and as whom."""

    folder: Path
    user: str
    group: str
    domains: tuple[str, ...]
    password: str
    imap: int
    smtp: int
    imaps: int = 0
    """0 without TLS, as is `smtps`."""
    smtps: int = 0

    @property
    def users(self) -> Path:
        """A line `address:{PLAIN}password` for each box; both servers look it up at every mail."""
        return self.folder / "users"

    @property
    def certificate(self) -> Path:
        """Signed by itself, for `localhost` and 127.0.0.1; there with TLS only."""
        return self.folder / "cert.pem"

    @property
    def key(self) -> Path:
        """The certificate's secret."""
        return self.folder / "key.pem"


def dovecot(place: Place) -> str:
    """IMAP on a port and LMTP on a socket (doc.dovecot.org, "Rootless installation", for the owners and the chroots)."""
    tls = f"ssl = yes\nssl_cert = <{place.certificate}\nssl_key = <{place.key}" if place.imaps else "ssl = no"
    unjailed = "\n".join(f"service {name} {{\n  chroot =\n}}" for name in ("anvil", "stats"))
    folders = "\n".join(
        f"  mailbox {name} {{\n    auto = create\n    special_use = \\{name}\n  }}"
        for name in ("Sent", "Junk", "Trash")
    )
    return f"""
base_dir = {place.folder}/run
state_dir = {place.folder}/run
log_path = {place.folder}/log/dovecot
protocols = imap lmtp
listen = 127.0.0.1
{tls}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Lu
default_internal_user = {place.user}
default_internal_group = {place.group}
default_login_user = {place.user}
first_valid_uid = 0
first_valid_gid = 0
mail_uid = {place.user}
mail_gid = {place.group}
mail_location = maildir:~/mail
mail_fsync = never
mail_max_userip_connections = 100
recipient_delimiter = +
{unjailed}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {place.imap}
  }}
  inet_listener imaps {{
    port = {place.imaps}
    ssl = yes
  }}
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0600
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {place.users}
}}
userdb {{
  driver = static
  args = uid={place.user} gid={place.group} home={place.folder}/home/%Ld/%Ln
}}
namespace inbox {{
  inbox = yes
{folders}
}}
"""


def exim(place: Place) -> str:
    """SMTP that takes mail for its own people only, and says whom it could verify (exim.org, specification 4.96).

    Plus-addresses reach the box before the plus; the whole address stays in `Delivered-To` and `Envelope-To`. Whoever
    signed in, and names the very same address in From, is told `dmarc=pass`; everybody else `dmarc=fail`.
    """
    return _general(place) + ACCESS + _delivery(place) + _signing_in(place)


def _general(place: Place) -> str:
    tls = f"tls_certificate = {place.certificate}\ntls_privatekey = {place.key}\ntls_on_connect_ports = {place.smtps}"
    return f"""
primary_hostname = {AUTHSERV}
exim_user = {place.user}
exim_group = {place.group}
log_selector = -queue_run
spool_directory = {place.folder}/spool
log_file_path = {place.folder}/log/%slog
keep_environment =
never_users =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {" : ".join(str(port) for port in (place.smtp, place.smtps) if port)}
tls_advertise_hosts = {"*" if place.smtps else ""}
{tls if place.smtps else ""}
message_size_limit = {MOST_BYTES}
rfc1413_query_timeout = 0s
smtp_accept_max = 0
smtp_accept_queue_per_connection = 0
domainlist ours = {" : ".join(place.domains)}
acl_smtp_rcpt = check_recipient
acl_smtp_data = check_message
"""


THEMSELVES = "${if and{{def:authenticated_id}{eqi{$authenticated_id}{${address:$h_from:}}}}{pass}{fail}}"
ACCESS = f"""
begin acl
check_recipient:
  deny message = 550 5.7.1 Relay not permitted
       !domains = +ours
  require message = 550 5.1.1 <$local_part@$domain>: no such mailbox here
       verify = recipient
  accept
check_message:
  warn add_header = :at_start:Authentication-Results: {AUTHSERV}; dmarc={THEMSELVES} header.from=${{domain:$h_from:}}
  accept
"""


def _known(place: Place, address: str) -> str:
    """Exim's expression for whether an address has a box: yes or no."""
    return f"${{lookup{{${{lc:{address}}}}}lsearch{{{place.users}}}{{yes}}{{no}}}}"


def _delivery(place: Place) -> str:
    return f"""
begin routers
box:
  driver = accept
  domains = +ours
  local_part_suffix = +*
  local_part_suffix_optional
  condition = {_known(place, "$local_part@$domain")}
  transport = to_lmtp

begin transports
to_lmtp:
  driver = lmtp
  socket = {place.folder}/run/lmtp
  user = {place.user}
  rcpt_include_affixes
  batch_max = 50
  return_path_add
  envelope_to_add

begin retry
* * F,1h,2s
"""


def _signing_in(place: Place) -> str:
    def is_right(user: str, password: str) -> str:
        return f"${{if and{{{{eq{{{password}}}{{{place.password}}}}}{{bool{{{_known(place, user)}}}}}}}}}"

    return f"""
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = {is_right("$auth2", "$auth3")}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username: : Password:
  server_condition = {is_right("$auth1", "$auth2")}
  server_set_id = $auth1
"""
