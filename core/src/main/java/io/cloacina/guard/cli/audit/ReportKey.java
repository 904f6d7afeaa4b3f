// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import io.cloacina.guard.cli.Cli;
import io.cloacina.guard.cli.CliException;
import io.cloacina.guard.internal.report.Remedy;
import io.cloacina.guard.internal.report.Report;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.sign.TrustEntry;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The key that the commands of a report name, where none is given: of the store's own signing keys the one that has
 * signed what is on record, else the only one. A report is made without a store, too; then only the audit log tells.
 */
final class ReportKey {

    private final Cli cli;
    private final Report report;

    ReportKey(Cli cli, Report report) {
        this.cli = cli;
        this.report = report;
    }

    /** The report with the key, if it is known. */
    Report filledIn() {
        if (!report.hasRefusals()) {
            return report;
        }
        try {
            Optional<UUID> org = org();
            if (org.isEmpty() || cli.storeUrl().file().filter(Files::notExists).isPresent()) {
                return report;
            }
            try (JdbiStore store = cli.storeForVerification()) {
                return report.withSigningKey(choose(store, org.get()));
            }
        } catch (StoreUnavailableException | CliException e) {
            cli.say("the store was not asked which key signs: " + e.getMessage());
            return report;
        }
    }

    private Optional<UUID> org() throws CliException {
        Optional<UUID> given = cli.orgIfAny();
        return given.isPresent() || report.orgs().size() != 1
                ? given
                : Optional.of(Cli.uuid(report.orgs().get(0), "organisation"));
    }

    /** Null if it is unknown. */
    private @Nullable String choose(KeyStore store, UUID org) throws StoreUnavailableException {
        List<SigningKey> trusted = new ArrayList<>();
        List<SigningKey> active = new ArrayList<>();
        List<TrustEntry> trust = cli.trust(store).trustedKeys(org, false);
        for (SigningKey key : cli.keys(store).signingKeys(org)) {
            // One that a signer has does not sign by its name alone.
            if (!key.isRevoked() && !key.publicOnly()) {
                active.add(key);
                boolean counts = trust.stream()
                        .anyMatch(entry -> entry.key().fingerprint().equals(key.fingerprint()));
                if (counts) {
                    trusted.add(key);
                }
            }
        }
        String onRecord = report.signingKey();
        for (SigningKey key : trusted) {
            if (onRecord != null && key.fingerprint().toString().startsWith(onRecord)) {
                return key.name();
            }
        }
        if (trusted.size() == 1) {
            return trusted.get(0).name();
        }
        if (trusted.isEmpty() && active.size() == 1) {
            String name = active.get(0).name();
            cli.say("the store's only signing key [" + name + "] is not trusted by organisation " + org
                    + "; what it signs is refused until: cloacina trust add --key " + Remedy.quoted(name));
            return name;
        }
        return null;
    }
}
