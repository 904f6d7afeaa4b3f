// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.NearestName;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.TrustedKey;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How KEY on a command line becomes a key: exact id, exact fingerprint, exact name, a unique prefix of the first two. */
final class KeyChoice {

    private static final int SHORTEST_PREFIX = 6;

    private KeyChoice() {}

    /** @param name may be null */
    private record Candidate<T>(
            T row,
            UUID id,
            Fingerprint fingerprint,
            @Nullable String name) {

        boolean startsWith(String prefix) {
            return id.toString().startsWith(prefix) || fingerprint.hex().startsWith(prefix);
        }

        String describe() {
            return id + "  " + fingerprint + (name == null ? "" : "  " + name);
        }
    }

    static SigningKey signingKey(Collection<SigningKey> keys, String wanted) throws KeyException {
        return choose(
                        keys.stream()
                                .map(key -> new Candidate<>(key, key.id(), key.fingerprint(), key.name()))
                                .toList(),
                        wanted)
                .orElseThrow(() -> unknown(
                        "signing key",
                        wanted,
                        keys.stream().map(SigningKey::name).toList()));
    }

    /** Of an organisation's own keys, else of those that it inherits. */
    static TrustedKey trustedKey(Collection<TrustedKey> own, Collection<TrustedKey> inherited, String wanted)
            throws KeyException {
        Optional<TrustedKey> found = trustedKey(own, wanted);
        if (found.isPresent()) {
            return found.get();
        }
        Map<Fingerprint, TrustedKey> each = new LinkedHashMap<>();
        for (TrustedKey row : inherited) {
            each.putIfAbsent(row.fingerprint(), row);
        }
        return trustedKey(each.values(), wanted)
                .orElseThrow(() -> unknown(
                        "trusted key",
                        wanted,
                        Stream.concat(own.stream(), inherited.stream())
                                .map(TrustedKey::name)
                                .toList()));
    }

    static Optional<TrustedKey> trustedKey(Collection<TrustedKey> keys, String wanted) throws KeyException {
        return choose(
                keys.stream()
                        .map(key -> new Candidate<>(key, key.id(), key.fingerprint(), key.name()))
                        .toList(),
                wanted);
    }

    /** @param names of the keys that there are; a null is one without a name */
    static KeyException unknown(String what, String wanted, Collection<@Nullable String> names) {
        List<String> known = names.stream().filter(Objects::nonNull).toList();
        return new KeyException(
                Reason.UNKNOWN_KEY,
                "no " + what + " of the organisation has the id, fingerprint or name [" + printable(wanted)
                        + "], or begins so (six characters or more)"
                        + NearestName.near(wanted, known)
                                .map(name -> "; did you mean [" + printable(name) + "]?")
                                .orElse(""));
    }

    private static <T> Optional<T> choose(List<Candidate<T>> candidates, String wanted) throws KeyException {
        String lower = wanted.toLowerCase(Locale.ROOT);
        List<Predicate<Candidate<T>>> steps = List.of(
                candidate -> candidate.id.toString().equals(lower),
                candidate -> candidate.fingerprint.hex().equals(lower),
                candidate -> wanted.equals(candidate.name),
                candidate -> lower.length() >= SHORTEST_PREFIX && candidate.startsWith(lower));
        for (Predicate<Candidate<T>> step : steps) {
            List<Candidate<T>> found = candidates.stream().filter(step).toList();
            if (found.size() > 1) {
                throw new KeyException(
                        Reason.AMBIGUOUS_KEY,
                        "[" + printable(wanted) + "] may be any of [" + found.size() + "] keys",
                        found.stream().map(Candidate::describe).toList(),
                        null,
                        null);
            }
            if (found.size() == 1) {
                return Optional.of(found.get(0).row);
            }
        }
        return Optional.empty();
    }

    private static String printable(String text) {
        String safe = KeyText.shown(text).replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?");
        return safe.length() > 300 ? safe.substring(0, 300) + "…" : safe;
    }
}
