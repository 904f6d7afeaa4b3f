// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.sign.TrustLimits;
import io.cloacina.guard.internal.sign.TrustManager;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.sign.Change;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.TrustEntry;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(description = "Trusted keys: whose signatures count.", synopsisSubcommandLabel = "COMMAND")
final class TrustCommand implements Runnable {

    private static final String KEY = "Id, fingerprint or name; a unique prefix of the first two will do.";

    private static final String FOR =
            "Only packages whose signed name matches: a glob such as com.example:*. Several may" + " be named.";
    private static final String UNTIL = "Only until this time (RFC 3339, with a zone).";

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    TrustCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    @Command(
            description = "Trust a public key.",
            footer = {
                "",
                "Examples:",
                "  cloacina trust add vendor.pem --name vendor",
                "  cloacina trust add --key release-2026",
                "  cloacina trust add vendor.pem --for 'com.vendor:*'"
            })
    int add(
            @Parameters(arity = "0..1", paramLabel = "FILE.pem", description = "The public key.") @Nullable String file,
            @Option(names = "--raw", paramLabel = "HEX", description = "The public key as 64 hexadecimal digits.")
                    @Nullable
                    String raw,
            @Option(names = "--key", paramLabel = "KEY", description = "One of the organisation's own signing keys.")
                    @Nullable
                    String key,
            @Option(names = "--name", paramLabel = "NAME", description = "What to call it.") @Nullable String name,
            @Option(names = "--reinstate", description = "Also if this trust was revoked before.") boolean reinstate,
            @Option(names = "--for", paramLabel = "GLOB", description = FOR) @Nullable List<String> globs,
            @Option(names = "--until", paramLabel = "TIME", description = UNTIL) @Nullable String until)
            throws Exception {
        if ((file == null ? 0 : 1) + (raw == null ? 0 : 1) + (key == null ? 0 : 1) != 1) {
            throw new ParameterException(
                    spec.subcommands().get("add"), "name exactly one key: FILE.pem, --raw HEX or --key KEY");
        }
        UUID org = cli.org();
        KeyLimit limit = globs == null && until == null ? null : limit(KeyLimit.NONE, globs, until);
        Ed25519PublicKey given =
                raw != null ? rawKey(raw) : file != null ? TrustManager.publicKeyOfPem(cli.keyFile(file)) : null;
        try (AuditLog audit = cli.audit();
                JdbiStore store = cli.storeMadeIfMissing()) {
            Changes changes = cli.changes(audit, store);
            TrustManager trust = cli.trust(store);
            Change<TrustedKey> change = given == null
                    ? trust.trustSigningKey(org, Objects.requireNonNull(key), name, reinstate, limit)
                    : trust.trustPublicKey(org, given, name, reinstate, limit);
            if (change.changed()) {
                changes.record();
            } else {
                cli.say("the key was trusted already; nothing changed");
            }
            print(change.row(), TrustEntry.Standing.DIRECT, limits(store));
        }
        return ExitStatus.DONE;
    }

    private TrustLimits limits(JdbiStore store) {
        return new TrustLimits(store, cli.environment().clock(), new SecureRandom());
    }

    private static Ed25519PublicKey rawKey(String hex) throws CliException, KeyException {
        if (!hex.matches("[0-9a-fA-F]{64}")) {
            throw CliException.askedWrongly(
                    "malformed_key",
                    "a raw public key is 64 hexadecimal digits, not [" + KeyText.shown(hex) + "]",
                    null);
        }
        return TrustManager.publicKey(HexFormat.of().parseHex(hex));
    }

    /** {@code present} with what is named in the place of what it has. */
    private KeyLimit limit(KeyLimit present, @Nullable List<String> globs, @Nullable String until) throws CliException {
        Instant notAfter = present.notAfter();
        if (until != null) {
            try {
                notAfter = Rfc3339.parse(until).truncatedTo(ChronoUnit.MICROS);
            } catch (IllegalArgumentException e) {
                throw CliException.askedWrongly(
                        "malformed_time",
                        "--until [" + KeyText.shown(until)
                                + "] is no RFC 3339 time with a zone such as 2027-01-01T00:00:00Z",
                        e);
            }
            if (notAfter.isBefore(cli.environment().clock().instant())) {
                cli.say("warning: " + Rfc3339.format(notAfter) + " is past: from now on the key does not count");
            }
        }
        return new KeyLimit(globs == null ? present.packageNames() : globs, notAfter);
    }

    @Command(
            description = "Limit which packages a trusted key may sign, and until when it counts.",
            footer = {
                "",
                "What is not named stays as it is. The limit also binds organisations that inherit this trust. A key"
                        + " that is limited to names counts only where the signature says the name: version 2.",
                "",
                "Examples:",
                "  cloacina trust limit vendor --for 'com.vendor:*'",
                "  cloacina trust limit vendor --until 2027-01-01T00:00:00Z",
                "  cloacina trust limit vendor --none"
            })
    int limit(
            @Parameters(paramLabel = "KEY", description = KEY) String key,
            @Option(names = "--for", paramLabel = "GLOB", description = FOR) @Nullable List<String> globs,
            @Option(names = "--until", paramLabel = "TIME", description = UNTIL) @Nullable String until,
            @Option(names = "--none", description = "Take the limit away.") boolean none)
            throws Exception {
        if (none == (globs != null || until != null)) {
            throw new ParameterException(
                    spec.subcommands().get("limit"), "name a limit with --for GLOB or --until TIME, or --none");
        }
        UUID org = cli.org();
        try (AuditLog audit = cli.audit();
                JdbiStore store = cli.store()) {
            Changes changes = cli.changes(audit, store);
            TrustLimits limits = limits(store);
            TrustedKey row = limits.ownKey(org, key);
            KeyLimit limit = none ? KeyLimit.NONE : limit(limits.of(org, row.fingerprint()), globs, until);
            if (limits.set(row, limit)) {
                changes.record();
            } else {
                cli.say("the key has this limit already; nothing changed");
            }
            print(row, row.isRevoked() ? TrustEntry.Standing.REVOKED : TrustEntry.Standing.DIRECT, limits);
        }
        return ExitStatus.DONE;
    }

    @Command(
            description = "List the keys that count: the organisation's own, and those it inherits by grants.",
            footer = {"", "Examples:", "  cloacina trust list --all", "  cloacina trust list --grants --json"})
    int list(
            @Option(names = "--all", description = "Also what is revoked or does not count.") boolean all,
            @Option(names = "--grants", description = "The organisations it was granted to trust, instead of keys.")
                    boolean grants)
            throws CliException, StoreUnavailableException {
        UUID org = cli.org();
        try (JdbiStore store = cli.store()) {
            if (grants) {
                cli.trust(store).grants(org, all).forEach(this::print);
            } else {
                cli.trust(store).trustedKeys(org, all).forEach(this::print);
            }
        }
        return ExitStatus.DONE;
    }

    @Command(
            description = "Take trust in a key back; holds for the next load of every running JVM.",
            footer = {
                "",
                "An inherited key is revoked for this organisation alone.",
                "",
                "Examples:",
                "  cloacina trust revoke release-2025",
                "  cloacina trust revoke 4f1d0c --all-orgs"
            })
    int revoke(
            @Parameters(paramLabel = "KEY", description = KEY) String key,
            @Option(names = "--all-orgs", description = "In every organisation that trusts it.") boolean allOrgs)
            throws Exception {
        UUID org = cli.org();
        try (AuditLog audit = cli.audit();
                JdbiStore store = cli.store()) {
            Changes changes = cli.changes(audit, store);
            List<TrustedKey> changed;
            Fingerprint fingerprint = null;
            if (allOrgs) {
                changed = cli.trust(store).revokeTrustedKeyEverywhere(org, key);
            } else {
                Change<TrustedKey> change = cli.trust(store).revokeTrustedKey(org, key);
                changed = change.changed() ? List.of(change.row()) : List.of();
                fingerprint = change.row().fingerprint();
                if (changed.isEmpty()) {
                    print(change.row(), TrustEntry.Standing.REVOKED, limits(store));
                }
            }
            if (changed.isEmpty()) {
                cli.say("trust in the key was revoked already; nothing changed");
            }
            changes.record();
            for (TrustedKey row : changed) {
                print(row, TrustEntry.Standing.REVOKED, limits(store));
                fingerprint = row.fingerprint();
            }
            if (fingerprint != null) {
                EngineWarnings.warnOfRevocation(cli, store, org, fingerprint);
            }
        }
        return ExitStatus.DONE;
    }

    @Command(
            description = "Also trust what another organisation trusts directly.",
            footer = {"", "Examples:", "  cloacina trust grant 6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40"})
    int grant(
            @Parameters(paramLabel = "CHILD_ORG", description = "The organisation to trust.") String child,
            @Option(names = "--reinstate", description = "Also if this grant was revoked before.") boolean reinstate)
            throws Exception {
        UUID org = cli.org();
        UUID childOrg = Cli.uuid(child, "organisation");
        try (AuditLog audit = cli.audit();
                JdbiStore store = cli.store()) {
            Changes changes = cli.changes(audit, store);
            Change<TrustGrant> change = cli.trust(store).grantTrust(org, childOrg, reinstate);
            if (change.changed()) {
                changes.record();
            } else {
                cli.say("this was granted already; nothing changed");
            }
            print(change.row());
            EngineWarnings.warnOfGrant(cli, store, org);
        }
        return ExitStatus.DONE;
    }

    @Command(
            description = "Take a grant back.",
            footer = {"", "Examples:", "  cloacina trust ungrant 6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40"})
    int ungrant(@Parameters(paramLabel = "CHILD_ORG", description = "The organisation.") String child)
            throws Exception {
        UUID org = cli.org();
        UUID childOrg = Cli.uuid(child, "organisation");
        try (AuditLog audit = cli.audit();
                JdbiStore store = cli.store()) {
            Changes changes = cli.changes(audit, store);
            TrustGrant grant = cli.trust(store).revokeGrant(org, childOrg);
            changes.record();
            print(grant);
        }
        return ExitStatus.DONE;
    }

    private void print(TrustedKey row, TrustEntry.Standing standing, TrustLimits limits)
            throws StoreUnavailableException {
        print(new TrustEntry(row, standing, limits.of(row.orgId(), row.fingerprint())));
    }

    private void print(TrustEntry entry) {
        TrustedKey key = entry.key();
        KeyLimit limit = entry.limit();
        String standing = entry.standing().name().toLowerCase(Locale.ROOT);
        JsonLine json = new JsonLine()
                .with("key_id", key.id())
                .with("org_id", key.orgId())
                .with("key_fingerprint", key.fingerprint())
                .with("public_key", key.publicKey())
                .with("key_name", key.name())
                .with("trusted_at", key.trustedAt())
                .with("revoked_at", key.revokedAt())
                .with("standing", standing)
                .with("package_names", limit.packageNames().isEmpty() ? null : limit.packageNames())
                .with("not_after", limit.notAfter());
        String where = entry.standing() == TrustEntry.Standing.DIRECT ? "" : "  by " + key.orgId();
        cli.result(
                json,
                key.id() + "  " + key.fingerprint() + "  " + Rfc3339.format(key.trustedAt()) + "  " + standing + where
                        + "  " + (key.name() == null ? "-" : Printable.of(key.name())) + shown(limit));
    }

    private static String shown(KeyLimit limit) {
        return (limit.packageNames().isEmpty() ? "" : "  for " + Printable.of(String.join(" ", limit.packageNames())))
                + (limit.notAfter() == null ? "" : "  until " + Rfc3339.format(limit.notAfter()));
    }

    private void print(TrustGrant grant) {
        JsonLine json = new JsonLine()
                .with("grant_id", grant.id())
                .with("parent_org_id", grant.parentOrgId())
                .with("child_org_id", grant.childOrgId())
                .with("granted_at", grant.grantedAt())
                .with("revoked_at", grant.revokedAt());
        cli.result(
                json,
                grant.parentOrgId() + " trusts " + grant.childOrgId() + "  " + Rfc3339.format(grant.grantedAt()) + "  "
                        + (grant.isRevoked() ? "revoked" : "active"));
    }
}
