// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.store.Dialect;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreStatus;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.trust.StoreUnavailableException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(description = "The trust store itself.", synopsisSubcommandLabel = "COMMAND")
final class StoreCommand implements Runnable {

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    StoreCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    @Command(
            description = "Make the tables, or adopt those of a reference database.",
            footer = {
                "",
                "A database of the reference keeps its tables and rows as they are; tables whose names begin with"
                        + " guard_ are added.",
                "",
                "PostgreSQL then announces changes of trust to running agents, by triggers on trusted_keys,"
                        + " key_trust_acls and tables that begin with guard_, if the role may create triggers; the"
                        + " reference's own tables get them only with --announce. Without, agents poll"
                        + " (cloacina.revocation_poll). Roles that may read trusted_keys may then also read what limits"
                        + " trust: withdrawn packages, limits on keys, version floors, statements.",
                "",
                "Examples:",
                "  cloacina store init",
                "  cloacina store init --store postgres://signer@db.example.org/trust"
            })
    int init(
            @Option(
                            names = "--announce",
                            description = "Announce changes of trust by triggers in a database of the reference too.")
                    boolean announce)
            throws Exception {
        try (AuditLog audit = cli.audit()) {
            Changes changes = new Changes(cli.environment().clock(), audit);
            init(announce, changes);
        }
        return ExitStatus.DONE;
    }

    private void init(boolean announce, Changes changes) throws Exception {
        try (JdbiStore store = cli.initialisedStore(announce, changes)) {
            Cli.recording(changes, store);
            changes.record();
            StoreStatus status = store.status();
            print(status);
            if (status.dialect() == Dialect.POSTGRESQL && !status.announcesChanges()) {
                cli.say("changes of trust are not announced: "
                        + (announce || status.origin() == StoreStatus.Origin.GUARD
                                ? "this role may not create triggers on trusted_keys and key_trust_acls, or"
                                        + " another session holds a lock on them"
                                : "this database belongs to the reference; cloacina store init --announce adds a"
                                        + " trigger to trusted_keys and key_trust_acls")
                        + ". Running agents poll instead (cloacina.revocation_poll).");
            }
        }
    }

    @Command(
            description = "Say what is there. Changes nothing.",
            footer = {"", "Examples:", "  cloacina store status --json"})
    int status() throws CliException, StoreUnavailableException {
        try (JdbiStore store = cli.storeForVerification()) {
            print(store.status());
        }
        return ExitStatus.DONE;
    }

    private void print(StoreStatus status) {
        JsonLine json = new JsonLine()
                .with("store", status.address())
                .with("origin", status.origin())
                .with("dialect", status.dialect())
                .with("schema_version", status.schemaVersion())
                .with("signing_keys", status.signingKeys())
                .with("trusted_keys", status.trustedKeys())
                .with("key_trust_acls", status.grants())
                .with("package_signatures", status.signatures())
                .with("guard_statements", status.statements())
                .with("guard_withdrawn_packages", status.withdrawnPackages())
                .with("guard_key_limits", status.keyLimits())
                .with("guard_version_floors", status.versionFloors())
                .with("guard_intake", status.intakes())
                .with("announces_changes", status.announcesChanges())
                .with("altered", status.altered());
        String adopted = status.schemaVersion() == 0 ? ", not adopted yet" : ", schema " + status.schemaVersion();
        cli.result(
                json,
                Printable.of(status.address() + "  (" + status.dialect() + ", made by the " + status.origin() + adopted
                                + ")")
                        + String.format(
                                java.util.Locale.ROOT,
                                "%n  signing keys %d, trusted keys %d, grants %d, signatures %d%n  statements %d, withdrawn"
                                        + " packages %d, limited keys %d, version floors %d, intakes %d%s",
                                status.signingKeys(),
                                status.trustedKeys(),
                                status.grants(),
                                status.signatures(),
                                status.statements(),
                                status.withdrawnPackages(),
                                status.keyLimits(),
                                status.versionFloors(),
                                status.intakes(),
                                status.announcesChanges() ? "; announces changes" : ""));
        if (status.altered()) {
            cli.say("warning: an earlier version of this program has added the column package_signatures.org_id to this"
                    + " database of the reference, whose own migration that adds it then fails. Before the reference is"
                    + " upgraded: ALTER TABLE package_signatures DROP COLUMN org_id;");
        } else if (!status.recordsOrganisation()) {
            cli.say("note: package_signatures has no column org_id (an older schema of the reference): signatures are"
                    + " stored without their organisation until the reference is upgraded");
        }
    }
}
