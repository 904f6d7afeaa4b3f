// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.internal.sign.CheckedSigner;
import io.cloacina.guard.internal.sign.KeyFiles;
import io.cloacina.guard.internal.sign.KeyManager;
import io.cloacina.guard.sign.Signer;
import java.nio.file.Path;
import java.util.Objects;

/** What signs: a private key, or something that has one. A key that is opened or read is wiped after each use. */
abstract class SigningKeyInput {

    /** What needs the key; it does not keep it. */
    interface Use<T> {
        T with(CheckedSigner key) throws GuardException;
    }

    abstract <T> T use(Use<T> use) throws GuardException;

    static SigningKeyInput given(CheckedSigner key) {
        return new SigningKeyInput() {
            @Override
            <T> T use(Use<T> use) throws GuardException {
                return use.with(key);
            }
        };
    }

    static SigningKeyInput file(Path pem) {
        Objects.requireNonNull(pem);
        return new SigningKeyInput() {
            @Override
            <T> T use(Use<T> use) throws GuardException {
                try (Ed25519PrivateKey key = KeyFiles.readPrivateKey(pem)) {
                    return use.with(CheckedSigner.of(key));
                }
            }
        };
    }

    /**
     * A key of the store that only a signer has.
     *
     * @param name id, fingerprint, name or prefix
     */
    static SigningKeyInput named(OpenStore store, String name, Signer signer) {
        Objects.requireNonNull(name);
        Objects.requireNonNull(signer);
        SecurityConfig config = store.config;
        return new SigningKeyInput() {
            @Override
            <T> T use(Use<T> use) throws GuardException {
                KeyManager keys = new KeyManager(store.forKeys(), config.clock, store.random);
                return use.with(CheckedSigner.of(keys.keyOfSigner(config.organisation, name), signer));
            }
        };
    }

    /** @param name id, fingerprint, name or prefix */
    static SigningKeyInput stored(OpenStore store, String name) {
        Objects.requireNonNull(name);
        SecurityConfig config = store.config;
        return new SigningKeyInput() {
            @Override
            <T> T use(Use<T> use) throws GuardException {
                try (Ed25519PrivateKey key =
                        config.kek.use(kek -> new KeyManager(store.forKeys(), config.clock, store.random)
                                .openSigningKey(config.organisation, name, kek))) {
                    return use.with(CheckedSigner.of(key));
                }
            }
        };
    }
}
