"""What the two networks try to do.

Each real picture is paired with a made one; the critic is asked only which of the two
looks more real. This keeps the generator from forgetting parts of the folder, and the
two penalties keep the critic gentle where the real and where the made pictures lie.

Source: Huang et al., "The GAN is dead; long live the GAN! A Modern GAN Baseline".
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def critic_loss(real_N: Tensor, fake_N: Tensor) -> Tensor:
    """Gives softplus(−(D(real) − D(fake))), the mean over pairs."""
    return F.softplus(fake_N - real_N).mean()


def generator_loss(real_N: Tensor, fake_N: Tensor) -> Tensor:
    """Gives the mirror of the critic's loss."""
    return F.softplus(real_N - fake_N).mean()


def gradient_penalty(critic: nn.Module, rgb_N3RR: Tensor) -> Tensor:
    """Gives the mean of |∇D(x)|² over pictures: R1 for real ones, R2 for made ones.

    Exact, by double backward, and always in float32: in bf16 the rounding of the
    critic is larger than what is measured.

    Source: Mescheder et al., "Which Training Methods for GANs do actually Converge?".
    """
    x = rgb_N3RR.detach().float().requires_grad_()
    score = critic(x).sum()
    (gradient,) = torch.autograd.grad(score, [x], create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean()


def shared_part(made_N3RR: Tensor, other_CRR: Tensor, *, mean_CRR: Tensor) -> Tensor:
    """Gives how much the made pictures have in common beyond what the real ones have.

    The squared distance between the mean made and the mean real picture, a mean over
    pixels, estimated without bias: both means of made pictures are of pictures drawn
    independently, so the product of their distances is 0 on average when the means agree,
    and may be negative. Its gradient is that of the squared distance on average, and it
    adds up over the parts of a batch that are computed one after the other.

    Why: a young generator without noise inputs draws one pattern under every picture,
    and a critic that was made gentle by its penalties takes 20 kimg and more to mind
    (measured four times on painted landscapes); this says so from the first step.

    Args:
        made_N3RR: made pictures, before augmentation.
        other_CRR: mean of other pictures of the same generator, without a gradient.
        mean_CRR: the mean of the real pictures at this size.
    """
    product = (made_N3RR.mean(dim=0) - mean_CRR) * (other_CRR - mean_CRR)
    # Both factors of the square have the gradient; here one of them does.
    return 2 * product.mean() - product.detach().mean()
