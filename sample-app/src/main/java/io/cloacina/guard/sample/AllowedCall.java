// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a method that makes a call on the list of banned calls, and says why it may. */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
public @interface AllowedCall {

    /** The reason. */
    String value();
}
