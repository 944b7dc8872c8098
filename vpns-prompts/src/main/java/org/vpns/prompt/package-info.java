/**
 * Visual prompts: learned pictures added to every image. {@link org.vpns.prompt.Prompts} makes all
 * kinds, {@link org.vpns.predict.PromptFile} keeps what was learned.
 */
@NullMarked
package org.vpns.prompt;

import org.jspecify.annotations.NullMarked;
