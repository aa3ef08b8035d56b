package main

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/net/dns/dnsmessage"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/clientcmd"
)

const zone = "svc.cluster.local."

// Answers the names of Services, and of the pods behind headless ones; knows nothing of the world outside.
type names struct {
	services corelisters.ServiceLister
	slices   discoverylisters.EndpointSliceLister
}

func newNamesCommand() *cobra.Command {
	var kubeconfig, listen string
	command := &cobra.Command{Use: "dns", SilenceUsage: true, RunE: func(command *cobra.Command, _ []string) error {
		return serveNames(command.Context(), kubeconfig, listen)
	}}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "how to reach the apiserver")
	command.Flags().StringVar(&listen, "listen", "", "ADDRESS:PORT, UDP")
	return command
}

func serveNames(ctx context.Context, kubeconfig, listen string) error {
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
	server := names{
		services: factory.Core().V1().Services().Lister(),
		slices:   factory.Discovery().V1().EndpointSlices().Lister(),
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	socket, err := net.ListenPacket("udp", listen)
	if err != nil {
		return err
	}
	buffer := make([]byte, 4096)
	for {
		size, from, err := socket.ReadFrom(buffer)
		if err != nil {
			return err
		}
		answer, err := server.answer(buffer[:size])
		if err != nil {
			fmt.Println("a question that can't be read:", err)
			continue
		}
		if _, err := socket.WriteTo(answer, from); err != nil {
			fmt.Println("answering:", err)
		}
	}
}

func (n names) answer(question []byte) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(question)
	if err != nil {
		return nil, err
	}
	asked, err := parser.Question()
	if err != nil {
		return nil, err
	}
	addresses, known := n.lookup(strings.ToLower(asked.Name.String()))
	reply := dnsmessage.Message{
		Header: dnsmessage.Header{
			ID: header.ID, Response: true, Authoritative: true,
			RecursionDesired: header.RecursionDesired, RecursionAvailable: true,
		},
		Questions: []dnsmessage.Question{asked},
	}
	if !known {
		reply.RCode = dnsmessage.RCodeNameError
	}
	if asked.Type == dnsmessage.TypeA {
		for _, address := range addresses {
			resource := dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: asked.Name, Class: dnsmessage.ClassINET, TTL: 1},
				Body:   &dnsmessage.AResource{A: [4]byte(address)},
			}
			reply.Answers = append(reply.Answers, resource)
		}
	}
	return reply.Pack()
}

// lookup knows `service.namespace.svc.cluster.local.` and `pod.service.namespace.svc.cluster.local.`.
func (n names) lookup(name string) ([]net.IP, bool) {
	rest, ours := strings.CutSuffix(name, "."+zone)
	if !ours {
		return nil, false
	}
	parts := strings.Split(rest, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return nil, false
	}
	host, namespace := "", parts[len(parts)-1]
	if len(parts) == 3 {
		host = parts[0]
	}
	service, err := n.services.Services(namespace).Get(parts[len(parts)-2])
	if err != nil {
		return nil, false
	}
	if service.Spec.ClusterIP != corev1.ClusterIPNone {
		address := net.ParseIP(service.Spec.ClusterIP).To4()
		return []net.IP{address}, host == "" && address != nil
	}
	return n.behind(service, host)
}

func (n names) behind(service *corev1.Service, host string) ([]net.IP, bool) {
	selector := labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: service.Name})
	slices, err := n.slices.EndpointSlices(service.Namespace).List(selector)
	if err != nil {
		return nil, false
	}
	var addresses []net.IP
	for _, slice := range slices {
		for _, endpoint := range slice.Endpoints {
			ready := endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready || service.Spec.PublishNotReadyAddresses
			if !ready || (host != "" && (endpoint.Hostname == nil || *endpoint.Hostname != host)) {
				continue
			}
			for _, address := range endpoint.Addresses {
				if parsed := net.ParseIP(address).To4(); parsed != nil {
					addresses = append(addresses, parsed)
				}
			}
		}
	}
	return addresses, host == "" || len(addresses) > 0
}
