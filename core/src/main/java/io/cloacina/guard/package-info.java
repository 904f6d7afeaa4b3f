/** The trust system of Cloacina Guard. */
package io.cloacina.guard;
