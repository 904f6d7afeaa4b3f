// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.cloacina.guard.agent.forked.Jdks;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.AnnotationConsumer;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * A test of a host; the JDK is its first parameter. An ordinary build takes one JDK for each host, the lowest or the
 * highest of the machine; {@code -Dhosts.all=true}, which the profile {@code hosts} sets, takes both, and
 * {@code -Dhosts.jdk=17} that one alone.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@ArgumentsSource(HostJdk.Provider.class)
@interface HostJdk {

    /** Which JDK of the machine an ordinary build takes. */
    Which value();

    /** The last feature release that the host starts on without the guard. */
    int upTo() default Integer.MAX_VALUE;

    /** Values of a second parameter: the test runs on each JDK with each of them. */
    String[] with() default {};

    /** By feature release. */
    enum Which {
        LOWEST,
        HIGHEST
    }

    /** The JDKs, with what the annotation adds. */
    final class Provider implements ArgumentsProvider, AnnotationConsumer<HostJdk> {
        private HostJdk annotation;

        @Override
        public void accept(HostJdk found) {
            annotation = found;
        }

        @Override
        public Stream<Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
            return Jdks.product(choose(), annotation.with());
        }

        private List<Jdk> choose() {
            int only = Integer.getInteger("hosts.jdk", 0);
            List<Jdk> all = Jdks.all().stream()
                    .filter(jdk -> jdk.feature() <= annotation.upTo() && (only == 0 || jdk.feature() == only))
                    .toList();
            assumeFalse(all.isEmpty(), "the host starts on none of these JDKs");
            Jdk first = all.get(0);
            Jdk last = all.get(all.size() - 1);
            if (Boolean.getBoolean("hosts.all")) {
                return first.equals(last) ? List.of(first) : List.of(first, last);
            }
            return List.of(annotation.value() == Which.HIGHEST ? last : first);
        }
    }
}
