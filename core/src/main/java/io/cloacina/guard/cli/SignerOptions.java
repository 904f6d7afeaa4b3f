// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.internal.sign.CheckedSigner;
import io.cloacina.guard.internal.sign.KeyManager;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.SignerCommand;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name what signs: a key of the store, a private key in a file, or a program that has one. */
public final class SignerOptions {

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "The signing key: id, fingerprint or name; a unique prefix of the first two will do.")
    private @Nullable String key;

    @Option(
            names = "--private-key",
            paramLabel = "FILE.pem",
            description = "Sign offline with this key (PKCS#8), with no store.")
    private @Nullable String privateKey;

    @Option(
            names = "--signer-command",
            paramLabel = "PATH",
            description = "Have this program sign, which has the private key: a line of JSON in, one out. With"
                    + " --public-key, or with --key NAME of a key that was imported with --public-only.")
    private @Nullable String signerCommand;

    @Option(
            names = "--signer-arg",
            paramLabel = "A",
            description = "An argument of that program; several are given in their order.")
    private List<String> signerArguments = new ArrayList<>();

    @Option(
            names = "--public-key",
            paramLabel = "FILE.pem",
            description = "The public half of the key that the program signs with.")
    private @Nullable String publicKey;

    /** What makes no sense in what was asked for, or null. */
    public @Nullable String problem() {
        if (signerCommand == null) {
            if (publicKey != null || !signerArguments.isEmpty()) {
                return "--public-key and --signer-arg are of the program that --signer-command PATH names";
            }
            return (key == null) == (privateKey == null)
                    ? "name one key to sign with: --key KEY, --private-key FILE.pem or --signer-command PATH"
                    : null;
        }
        if (privateKey != null) {
            return "--signer-command signs with a private key that the program has; leave out --private-key";
        }
        if (key == null && publicKey == null) {
            return "--signer-command needs the public half of its key, to check the signatures: --public-key FILE.pem,"
                    + " or --key NAME of one that was imported with --public-only";
        }
        if (key != null && publicKey != null) {
            return "--key and --public-key both name the key of --signer-command; leave out one";
        }
        return null;
    }

    /** Whether it is not a matter of a store: a private key in a file. */
    public boolean isOffline() {
        return privateKey != null;
    }

    /** Whether the key is one of a store. */
    public boolean isOfStore() {
        return key != null;
    }

    /**
     * The fingerprint of the key; nothing is opened or started.
     *
     * @param org only needed if {@link #isOfStore}, as is {@code store}
     */
    Fingerprint fingerprint(Cli cli, @Nullable UUID org, @Nullable KeyStore store)
            throws CliException, KeyException, StoreUnavailableException {
        if (privateKey != null) {
            try (Ed25519PrivateKey offline = cli.privateKey(privateKey)) {
                return offline.publicKey().fingerprint();
            }
        }
        if (publicKey != null) {
            return cli.publicKey(publicKey).fingerprint();
        }
        return cli.keys(Objects.requireNonNull(store))
                .signingKey(Objects.requireNonNull(org), Objects.requireNonNull(key))
                .fingerprint();
    }

    /**
     * Opens the key, or makes ready the program that has it, which is started with the first signature.
     *
     * @param org only needed if {@link #isOfStore}, as is {@code store}
     * @param once whether only one signature is wanted
     * @return to be closed by the caller
     */
    public OpenSigner open(Cli cli, @Nullable UUID org, @Nullable KeyStore store, boolean once)
            throws CliException, KeyException, StoreUnavailableException {
        if (signerCommand != null) {
            Ed25519PublicKey half = key == null
                    ? cli.publicKey(Objects.requireNonNull(publicKey))
                    : cli.keys(Objects.requireNonNull(store)).keyOfSigner(Objects.requireNonNull(org), key);
            try {
                SignerCommand command = SignerCommand.of(cli.path(signerCommand), signerArguments, half);
                command = once ? command.oncePerSignature() : command;
                return new OpenSigner(CheckedSigner.of(half, command), command::close);
            } catch (SigningException e) {
                throw SigningResults.why(e);
            }
        }
        if (privateKey != null) {
            return opened(cli.privateKey(privateKey));
        }
        return openStored(cli.keys(Objects.requireNonNull(store)), cli, Objects.requireNonNull(org));
    }

    private OpenSigner openStored(KeyManager keys, Cli cli, UUID org)
            throws CliException, KeyException, StoreUnavailableException {
        String named = Objects.requireNonNull(key);
        // Before the key encryption key is asked for: who has no such keys has none.
        keys.requirePrivateKey(org, named);
        try (Kek kek = cli.kek()) {
            return opened(keys.openSigningKey(org, named, kek));
        }
    }

    private static OpenSigner opened(Ed25519PrivateKey opened) {
        return new OpenSigner(CheckedSigner.of(opened), opened::close);
    }
}
