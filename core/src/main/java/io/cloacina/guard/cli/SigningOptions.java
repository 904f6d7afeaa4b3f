// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.time.Clock;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say who signs, and where signatures go. */
final class SigningOptions {

    @Mixin
    private SignerOptions signers = new SignerOptions();

    @Option(names = "--no-detached", description = "Write no .sig file.")
    private boolean noDetached;

    @Option(names = "--no-store", description = "Store nothing.")
    private boolean noStore;

    @Option(names = "--force", description = "Overwrite .sig files that are not of this program.")
    private boolean force;

    @Mixin
    private DirectoryOptions directories = new DirectoryOptions();

    @Mixin
    private StatementOptions statements = new StatementOptions();

    SignerOptions signers() {
        return signers;
    }

    DirectoryOptions directories() {
        return directories;
    }

    StatementOptions statements() {
        return statements;
    }

    boolean isForced() {
        return force;
    }

    boolean stores() {
        return !noStore && !signers.isOffline();
    }

    boolean isDetached() {
        return !noDetached && !statements.isStoredOnly();
    }

    /** What makes no sense in what was asked for, or null. */
    @Nullable
    String problem(Cli cli) {
        String problem = signers.problem();
        if (problem == null && noDetached && !stores()) {
            problem = "with neither a .sig file nor a store the signature would be lost";
        }
        if (problem == null) {
            problem = statements.problem(
                    stores(), noDetached, cli.environment().clock().instant());
        }
        return problem == null ? directories.problem() : problem;
    }

    /** Whose keys and trust are meant; null if none is named and none is needed. */
    @Nullable
    UUID org(Cli cli) throws CliException {
        return stores() || signers.isOfStore() ? cli.org() : cli.orgIfAny().orElse(null);
    }

    /** Null if there is nothing to do with one. */
    @Nullable
    JdbiStore openStore(Cli cli) throws CliException, StoreUnavailableException {
        if (stores()) {
            return cli.storeMadeIfMissing();
        }
        return signers.isOfStore() ? cli.store() : null;
    }

    /**
     * Opens the key, or makes ready what has it.
     *
     * @param once whether only one signature is wanted
     */
    OpenSigner open(Cli cli, @Nullable UUID org, @Nullable JdbiStore store, boolean once)
            throws CliException, KeyException, StoreUnavailableException {
        return signers.open(cli, org, store, once);
    }

    /**
     * @param store null if signatures are not stored and the key is of none
     * @param org null only where {@code store} is
     * @param changes of the store, if signatures are stored
     */
    SigningRun run(
            Cli cli,
            OpenSigner opened,
            @Nullable JdbiStore store,
            @Nullable UUID org,
            AuditLog audit,
            Changes changes) {
        PackageSigner signer = signer(cli, opened, store, org);
        return new SigningRun(
                cli, force ? signer.overwritingForeign() : signer, opened.fingerprint(), store, org, audit, changes);
    }

    private PackageSigner signer(Cli cli, OpenSigner opened, @Nullable JdbiStore store, @Nullable UUID org) {
        Clock clock = cli.environment().clock();
        if (!stores()) {
            return PackageSigner.writingFiles(opened.signer(), clock);
        }
        JdbiStore kept = Objects.requireNonNull(store);
        UUID owner = Objects.requireNonNull(org);
        return isDetached()
                ? PackageSigner.writingFiles(opened.signer(), clock).alsoStoring(kept, owner)
                : PackageSigner.storing(opened.signer(), kept, owner, clock);
    }

    /** What is changed in the store is put on record from now on. */
    Changes changes(Cli cli, AuditLog audit, @Nullable JdbiStore store) throws StoreUnavailableException, CliException {
        Changes changes = new Changes(cli.environment().clock(), audit);
        return stores() ? Cli.recording(changes, Objects.requireNonNull(store)) : changes;
    }
}
