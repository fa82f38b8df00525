"""Both ways of running the published network make one picture; its size is the published one."""

import torch

from studio.training.foreign_weights import ForeignWeights
from studio.training.published_stylegan2 import WIDTH, PublishedSynthesis
from studio.training.stylegan2 import StyleGAN2Synthesis


def test_weights_of_each_pictures_own_and_weights_that_stay_give_one_picture() -> None:
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(3)
        network = PublishedSynthesis(16)
        w_NLD = torch.randn(2, network.num_layers, WIDTH)
        modulated = network(w_NLD)
        static = StyleGAN2Synthesis(ForeignWeights(network.as_file()))(w_NLD)[0]
    assert modulated.shape == (2, 3, 16, 16)
    assert modulated.std() > 0.1
    assert (modulated - static).abs().max() < 1e-4 * modulated.abs().max()


def test_it_is_of_the_published_size() -> None:
    """45.1 billion multiply-adds at 256 px, counted by others; 30 million weights with the mapping."""
    with torch.random.fork_rng(devices=[]):
        network = PublishedSynthesis(256)
    assert 45.0e9 < network.multiply_adds() < 45.5e9
    assert network.num_layers == 14
