"""The checks that come with hygiene, one per file, listed here; loaded through the entry point `hygiene.checks`."""

from hygiene.api import Check
from hygiene_checks.admin_without_second_factor import AdminWithoutSecondFactor
from hygiene_checks.auditor_key_too_powerful import AuditorKeyTooPowerful
from hygiene_checks.ca_key_on_host import CaKeyOnHost
from hygiene_checks.ca_root_reach import CaRootReach
from hygiene_checks.ca_without_principals import CaWithoutPrincipals
from hygiene_checks.cross_tenant_key import CrossTenantKey
from hygiene_checks.dynamic_keys import DynamicKeys
from hygiene_checks.empty_password_login import EmptyPasswordLogin
from hygiene_checks.expired_key import ExpiredKey
from hygiene_checks.hash_shared import HashShared
from hygiene_checks.hash_weak import HashWeak
from hygiene_checks.host_key_shared import HostKeyShared
from hygiene_checks.host_unseen import HostUnseen
from hygiene_checks.hostbased_login import HostbasedLogin
from hygiene_checks.identity_without_second_factor import IdentityWithoutSecondFactor
from hygiene_checks.ineffective_key_line import IneffectiveKeyLine
from hygiene_checks.key_reuse import KeyReuse
from hygiene_checks.key_used_from_new_source import KeyUsedFromNewSource
from hygiene_checks.legacy_key_file import LegacyKeyFile
from hygiene_checks.no_op_restriction import NoOpRestriction
from hygiene_checks.obfuscated_key_line import ObfuscatedKeyLine
from hygiene_checks.password_breached import PasswordBreached
from hygiene_checks.password_default import PasswordDefault
from hygiene_checks.password_from_context import PasswordFromContext
from hygiene_checks.password_list_exposed import PasswordListExposed
from hygiene_checks.password_login import PasswordLogin
from hygiene_checks.password_opens_account import PasswordOpensAccount
from hygiene_checks.password_reused import PasswordReused
from hygiene_checks.password_shared_across_tenants import PasswordSharedAcrossTenants
from hygiene_checks.password_short import PasswordShort
from hygiene_checks.password_similar import PasswordSimilar
from hygiene_checks.password_weak import PasswordWeak
from hygiene_checks.pending_sshd_config import PendingSshdConfig
from hygiene_checks.phishable_second_factor import PhishableSecondFactor
from hygiene_checks.private_key_unencrypted import PrivateKeyUnencrypted
from hygiene_checks.probe_contradiction import ProbeContradiction
from hygiene_checks.revoked_key_accepted import RevokedKeyAccepted
from hygiene_checks.root_key_reuse import RootKeyReuse
from hygiene_checks.second_factor_bypassed_by_key import SecondFactorBypassedByKey
from hygiene_checks.second_factor_fails_open import SecondFactorFailsOpen
from hygiene_checks.second_factor_not_enrolled import SecondFactorNotEnrolled
from hygiene_checks.single_factor_login import SingleFactorLogin
from hygiene_checks.single_factor_root import SingleFactorRoot
from hygiene_checks.single_factor_to_root import SingleFactorToRoot
from hygiene_checks.sshd_setting import SshdSetting
from hygiene_checks.stale_key import StaleKey
from hygiene_checks.unrestricted_root_key import UnrestrictedRootKey
from hygiene_checks.weak_key import WeakKey
from hygiene_checks.writable_key_file import WritableKeyFile

CHECKS: list[type[Check]] = [
    RootKeyReuse,
    KeyReuse,
    CrossTenantKey,
    WeakKey,
    PasswordLogin,
    EmptyPasswordLogin,
    SingleFactorRoot,
    SingleFactorLogin,
    SingleFactorToRoot,
    HostbasedLogin,
    PrivateKeyUnencrypted,
    HostKeyShared,
    HostUnseen,
    AuditorKeyTooPowerful,
    UnrestrictedRootKey,
    IneffectiveKeyLine,
    NoOpRestriction,
    ObfuscatedKeyLine,
    WritableKeyFile,
    ExpiredKey,
    LegacyKeyFile,
    RevokedKeyAccepted,
    DynamicKeys,
    CaRootReach,
    CaWithoutPrincipals,
    CaKeyOnHost,
    SshdSetting,
    PendingSshdConfig,
    StaleKey,
    KeyUsedFromNewSource,
    ProbeContradiction,
    SecondFactorNotEnrolled,
    SecondFactorFailsOpen,
    SecondFactorBypassedByKey,
    AdminWithoutSecondFactor,
    IdentityWithoutSecondFactor,
    PhishableSecondFactor,
    PasswordShort,
    PasswordWeak,
    PasswordReused,
    PasswordSimilar,
    PasswordSharedAcrossTenants,
    PasswordBreached,
    PasswordFromContext,
    PasswordDefault,
    PasswordOpensAccount,
    PasswordListExposed,
    HashWeak,
    HashShared,
]
