/** Update rules with the meaning they have in torch.optim, and learning-rate schedules. */
@NullMarked
package org.vpns.optim;

import org.jspecify.annotations.NullMarked;
