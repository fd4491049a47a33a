"""Who is who: ourselves, colleagues, clients, and people with an address of a public provider."""

from dataclasses import dataclass

from hub_email.config import EmailConfig
from hub_email.reading import Address


@dataclass(frozen=True, slots=True)
class Who:
    """What addresses say, under one configuration."""

    config: EmailConfig

    def is_us(self, address: Address | None) -> bool:
        """Whether it is the mailbox's own address, with or without a token."""
        local, _, domain = address.email.lower().rpartition("@") if address else ("", "", "")
        return (
            f"{local.partition('+')[0]}@{domain}" == self.config.address or f"{local}@{domain}" == self.config.address
        )

    def is_colleague(self, address: Address | None) -> bool:
        """Whether somebody is one of us."""
        return address is not None and address.domain in self.config.own

    def client_of(self, address: str) -> str | None:
        """The domain of the company that somebody writes for; None for colleagues and public providers."""
        domain = address.rpartition("@")[2].lower()
        return None if not self.is_company(domain) else domain

    def is_company(self, domain: str) -> bool:
        """Whether a domain is a client's."""
        return "." in domain and domain not in self.config.own and domain not in self.config.public

    def sees(self, to: tuple[Address, ...]) -> bool:
        """Whether anybody outside is among *to*."""
        return any(not self.is_us(each) and not self.is_colleague(each) for each in to)
