package main

import (
	"context"

	"github.com/spf13/cobra"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

// The engine of sigs.k8s.io/kube-network-policies, which gives its verdict on each first packet that the kernel puts into
// a queue. It fills that queue by nftables; see node.rs for kernels that can't.
func newPoliciesCommand() *cobra.Command {
	var kubeconfig, node string
	var queue int
	command := &cobra.Command{Use: "kube-network-policies", SilenceUsage: true, RunE: func(command *cobra.Command, _ []string) error {
		return enforcePolicies(command.Context(), kubeconfig, node, queue)
	}}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "how to reach the apiserver")
	command.Flags().StringVar(&node, "hostname-override", "", "the node's name")
	command.Flags().IntVar(&queue, "nfqueue-id", 100, "the queue's number")
	return command
}

func enforcePolicies(ctx context.Context, kubeconfig, node string, queue int) error {
	if ctx == nil {
		ctx = context.Background()
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	engine, err := networkpolicy.NewController(
		client,
		factory.Networking().V1().NetworkPolicies(),
		factory.Core().V1().Namespaces(),
		factory.Core().V1().Pods(),
		nil, nil, nil, nil,
		networkpolicy.Config{NodeName: node, QueueID: queue},
	)
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	return engine.Run(ctx)
}
