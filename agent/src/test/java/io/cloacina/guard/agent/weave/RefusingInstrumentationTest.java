// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;

/** A JVM that does not let its classes be changed: none of those that the guard runs on is like that. */
class RefusingInstrumentationTest {

    private final Instrumentation instrumentation = mock(Instrumentation.class);
    private final Weaver weaver = new Weaver(true);

    @BeforeEach
    void loadNothing() {
        when(instrumentation.getInitiatedClasses(any())).thenReturn(new Class<?>[0]);
    }

    private IllegalStateException failure() {
        return assertThrows(IllegalStateException.class, () -> weaver.install(instrumentation));
    }

    @Test
    void classesThatCannotBeModified_stopTheStart() throws Exception {
        UnmodifiableClassException refusal = new UnmodifiableClassException("java.lang.ClassLoader");
        doThrow(refusal).when(instrumentation).retransformClasses(any(Class[].class));

        IllegalStateException thrown = failure();

        assertEquals("a hook cannot be put into this JVM: " + refusal, thrown.getMessage());
        assertSame(refusal, thrown.getCause());
    }

    @Test
    void newFormsThatTheJvmDoesNotTake_stopTheStart() throws Exception {
        doThrow(new VerifyError("bad type on operand stack"))
                .when(instrumentation)
                .retransformClasses(any(Class[].class));

        assertTrue(failure().getMessage().contains("VerifyError: bad type on operand stack"));
    }

    @Test
    void retransformationThatChangesNothing_stopsTheStartAndNamesTheHooks() {
        String message = failure().getMessage();

        assertTrue(message.contains("has no place for the hooks ["), message);
        for (EntryPoint entry : EntryPoint.values()) {
            if (entry.isExpectedAtStart()) {
                assertTrue(message.contains(entry.hook().label()), message);
            }
        }
    }

    /** What is retransformed before the transformer is there stays as it was. */
    @Test
    void transformer_isThereBeforeTheFirstRetransformation() throws Exception {
        failure();

        InOrder order = inOrder(instrumentation);
        order.verify(instrumentation).addTransformer(weaver, true);
        order.verify(instrumentation).retransformClasses(any(Class[].class));
    }
}
