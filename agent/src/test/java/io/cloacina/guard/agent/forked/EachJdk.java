// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.AnnotationConsumer;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** A test that runs once on each JDK of this machine, which is its first parameter. */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@ArgumentsSource(EachJdk.Provider.class)
public @interface EachJdk {

    /** Values of a second parameter: the test runs on each JDK with each of them. */
    String[] with() default {};

    /** The last feature release that has what is tested. */
    int upTo() default Integer.MAX_VALUE;

    /** The JDKs, with what the annotation adds. */
    final class Provider implements ArgumentsProvider, AnnotationConsumer<EachJdk> {
        private EachJdk annotation;

        @Override
        public void accept(EachJdk found) {
            annotation = found;
        }

        @Override
        public Stream<Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
            return Jdks.product(
                    Jdks.all().stream()
                            .filter(jdk -> jdk.feature() <= annotation.upTo())
                            .toList(),
                    annotation.with());
        }
    }
}
