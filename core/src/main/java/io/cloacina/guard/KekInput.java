// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.internal.sign.KekSource;
import io.cloacina.guard.internal.sign.KeyFiles;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** Where the key encryption key comes from. One that is read is wiped after each use. */
abstract class KekInput {

    /** What needs the key; it does not keep it. */
    interface Use<T> {
        T with(Kek kek) throws GuardException;
    }

    static final KekInput NONE = new KekInput() {
        @Override
        <T> T use(Use<T> use) {
            throw new IllegalStateException("no key encryption key is configured: SecurityConfig.Builder has"
                    + " keyEncryptionKey, keyEncryptionKeyFile and keyEncryptionKeyFromEnvironment");
        }
    };

    /** @throws IllegalStateException if none is configured */
    abstract <T> T use(Use<T> use) throws GuardException;

    static KekInput given(Kek kek) {
        Objects.requireNonNull(kek);
        return new KekInput() {
            @Override
            <T> T use(Use<T> use) throws GuardException {
                return use.with(kek);
            }
        };
    }

    static KekInput file(Path file) {
        Objects.requireNonNull(file);
        return new KekInput() {
            @Override
            <T> T use(Use<T> use) throws GuardException {
                try (Kek kek = KeyFiles.readKek(file)) {
                    return use.with(kek);
                }
            }
        };
    }

    static KekInput environment(Map<String, String> environment) {
        return new KekInput() {
            @Override
            <T> T use(Use<T> use) throws GuardException {
                try (Kek kek = KekSource.fromEnvironment(environment, KekSource.VARIABLE)
                        .orElseThrow(() -> new IllegalStateException(
                                "the environment variable " + KekSource.VARIABLE + " is not set"))) {
                    return use.with(kek);
                }
            }
        };
    }
}
