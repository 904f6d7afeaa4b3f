// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.weave;

import java.util.ArrayList;
import java.util.List;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;

/**
 * Weaves one class with Byte Buddy. Visitors on single classes instead of an {@code AgentBuilder}, which takes longer to
 * start than all of the rest.
 */
final class Weaving {

    private static final ClassFileLocator JDK = ClassFileLocator.ForClassLoader.ofPlatformLoader();
    private static final ClassFileLocator OWN = ClassFileLocator.ForClassLoader.of(Weaving.class.getClassLoader());

    private Weaving() {}

    static WeavingResult weave(String name, List<EntryPoint> entries, byte[] bytes) {
        ClassFileLocator locator = new ClassFileLocator.Compound(ClassFileLocator.Simple.of(name, bytes), JDK, OWN);
        TypeDescription type = TypePool.Default.of(locator).describe(name).resolve();
        DynamicType.Builder<?> builder =
                new ByteBuddy().with(TypeValidation.DISABLED).decorate(type, locator);
        List<EntryPoint> matched = new ArrayList<>();
        for (EntryPoint entry : entries) {
            LibraryCall call = entry.call();
            if (call != null) {
                builder = builder.visit(new AsmVisitorWrapper.ForDeclaredMethods()
                        .invokable(ElementMatchers.any(), new LibraryCallWeaving(entry, call, matched)));
                continue;
            }
            ElementMatcher<MethodDescription> matcher = method -> {
                boolean match = entry.matches(method.getInternalName(), method.getDescriptor());
                if (match) {
                    matched.add(entry);
                }
                return match;
            };
            TypeDescription advice = TypePool.Default.of(new ClassFileLocator.Compound(OWN, JDK))
                    .describe(entry.advice())
                    .resolve();
            builder = builder.visit(Advice.to(advice, OWN).on(matcher));
        }
        return new WeavingResult(builder.make().getBytes(), matched);
    }
}
